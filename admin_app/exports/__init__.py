"""Files made of what a list shows: sheets of its rows, and archives of the pieces that they name."""
