"""Reports by mail: when each is due, who of all nodes sends it, the view as a PDF, the mail."""
