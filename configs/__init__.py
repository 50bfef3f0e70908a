"""Hydra groups named after the levers: values with units and sources, no code."""
