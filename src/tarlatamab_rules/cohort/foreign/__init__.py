"""Tables of OMOP and CDISC as the four tables of a registry."""
