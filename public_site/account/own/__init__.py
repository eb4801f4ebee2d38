"""« Mon compte »: what a signed-in vendor changes by itself: mail address, phone, password, signed-in browsers."""
