"""Where runs are carried out: in this process, in processes of this machine, on a cluster."""
