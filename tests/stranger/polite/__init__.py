"""A package of somebody else's, installed beside forkspec, which never imports it by its name."""
