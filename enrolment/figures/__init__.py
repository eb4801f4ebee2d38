"""The numbers of the dashboard: what is counted, by which set-based query, how it is kept and read. No page counts."""
