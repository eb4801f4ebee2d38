"""« Contrôle des données »: the last findings of the doctor, each with the button that leads to its fix."""
