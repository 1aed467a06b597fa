"""The XML of RO e-Factura (CIUS-RO 1.0.1, UBL 2.1): built, checked, and kept with its document."""
