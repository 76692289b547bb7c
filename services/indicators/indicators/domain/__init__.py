"""The rules of figures: periods, definitions, arithmetic. No input or output, no clock."""
