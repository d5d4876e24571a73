"""The shell: everything that touches the world. The core in `routing` decides."""
