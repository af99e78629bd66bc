"""The release as a folder of static pages: read, put into words, drawn, written, switched."""
