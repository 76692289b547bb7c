"""The directory (*annuaire*): territories, communes, structures, who practises where, who takes part in SNP."""
