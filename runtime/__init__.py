"""What a process needs: settings, connections, files, and the one door to a case."""
