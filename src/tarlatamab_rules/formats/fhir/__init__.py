"""FHIR R4: records in, guidance and forms out."""
