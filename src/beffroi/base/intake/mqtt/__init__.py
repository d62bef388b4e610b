"""MQTT 3.1.1 and 5 on the wire, as far as a server that only receives needs it. No Django."""
