"""The handbook: pages of help in every language of the screens, read from `resources/help`, without Qt."""
