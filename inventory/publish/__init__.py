"""What exists, in the forms that other programs read: Ansible, Prometheus, Graphviz."""
