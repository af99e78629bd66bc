"""What `impact serve` starts and stops: the Prefect server, the runner of the flows, the door."""
