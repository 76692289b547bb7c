-- What a service needs on your own PostgreSQL, once per service, as an administrator:
--   psql -v service=snp_dispatch -v password=... -f deploy/postgres/provision.sql postgres
-- `service` is directory, snp_dispatch, pathways or indicators. The service then runs with
--   SNP_DISPATCH_DATABASE_URL=postgresql://snp_dispatch_login:...@host/snp_dispatch
-- owner: owns the tables, runs migrations. app: requests and consumers, under row-level security. system: relay, timers.
\set ON_ERROR_STOP on
\set login :service _login
\set owner :service _owner
\set app :service _app
\set system :service _system

CREATE ROLE :"login" LOGIN NOINHERIT PASSWORD :'password';
CREATE ROLE :"owner" NOLOGIN;
CREATE ROLE :"app" NOLOGIN;
CREATE ROLE :"system" NOLOGIN;
GRANT :"owner", :"app", :"system" TO :"login" WITH INHERIT FALSE, SET TRUE;

CREATE DATABASE :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"login";
GRANT CREATE ON DATABASE :"service" TO :"owner";

\connect :service
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app", :"system";
