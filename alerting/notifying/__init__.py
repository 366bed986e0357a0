"""The notifying half as it runs, under one lease: takes events, lets groups speak, and delivers what they said."""
