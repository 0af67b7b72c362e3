"""The pages: people's door in a browser. They speak to the desk, never to Temporal."""
