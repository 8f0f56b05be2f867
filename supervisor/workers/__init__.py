"""Worker processes, seen from the supervisor: started, fed with sockets, watched, replaced."""
