// Text is a room of ours, Caliper.Text, wherever Spectre's text in a cell is meant.
global using Cell = Spectre.Console.Text;
