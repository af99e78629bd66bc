"""The intake door: what places and their tools bring over HTTP, or lay in a folder.

It lands what is brought and says so to Prefect; it opens no warehouse and runs no flow.
"""
