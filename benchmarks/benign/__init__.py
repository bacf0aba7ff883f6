"""Benign logs of real software, made by running it: what a scanner must stay quiet on."""
