"""Long frames: files in bounded memory, and engines."""
