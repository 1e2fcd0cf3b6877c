"""How full things are and how long they worked: pure functions over tables of means, rows are series and columns are steps of time."""
