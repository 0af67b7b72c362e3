"""One file a version; a published one is never changed."""
