"""One message, many looks: from HipChat's html to each service's own markup. Pure functions."""
