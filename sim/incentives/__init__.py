"""What clerks are paid for: one file per scheme."""
