"""What can be set: typed schema, dated interventions, claims, evidence."""
