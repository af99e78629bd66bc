"""What a run does: preflight, collect, build, publish; they compose the layers, without Prefect."""
