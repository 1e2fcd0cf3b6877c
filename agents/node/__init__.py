"""What is done to a node beside its hub: backups and their way back, what fills the disk, setting up, looking for faults."""
