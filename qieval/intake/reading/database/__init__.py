"""Databases: tables that stay where they are; only counts and totals come back."""
