using System.Collections.Immutable;
using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what is inside a model.</summary>
internal static class InspectionText
{
    private static readonly string[] AllColumns = ["kind", "result", "MACs", "weights", "becomes"];
    private static readonly string[] MainColumns = ["kind", "MACs", "becomes"];
    private static readonly string[] LeastColumns = ["becomes"];

    private static readonly Style Integer = new(Color.Green);
    private static readonly Style Float = new(Color.Yellow);

    public static void Print(IAnsiConsole console, InspectionReport report)
    {
        var version = report.Opset is { } opset
            ? $", ONNX opset {opset}, IR {report.IrVersion}{(report.Producer is { } producer ? $", by {producer}" : "")}" : "";
        console.WriteLine(VisibleText.Of($"{report.Model}: {Numbers.Bytes(report.SizeBytes)}{version}"));
        foreach (var input in report.Inputs) console.WriteLine(VisibleText.Of($"input   {input.Name}  {input.Type} {input.Shape}"));
        foreach (var output in report.Outputs)
            console.WriteLine(VisibleText.Of($"output  {output.Name}  {output.Type} {output.Shape}"));
        console.WriteLine($"{Numbers.Count(report.Nodes)} nodes, {Numbers.Count(report.Parameters)} parameters: "
            + VisibleText.Of(string.Join(", ", report.Operators.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}"))));
        if (report.Plan is not { } plan)
        {
            console.WriteLine("It computes in int8 already: there is nothing to plan.");
            return;
        }
        LayerReport[] shown = [.. plan.Where(l => l.Form is not LayerReport.WholeNumbers)];
        console.Write(WidestTable.For(console, (columns, bars) =>
            TableOf(shown, columns, bars), (AllColumns, 8), (AllColumns, 0), (MainColumns, 0), (LeastColumns, 0)));
        var share = report.Int8MacPercent is { } percent
            ? $": {Numbers.Fixed(percent, 1)} % of {Numbers.Short(report.MultiplyAdds!.Value)} MACs" : "";
        console.WriteLine($"With the qconfig {report.QConfig}, {report.Layers!.Int8} of {shown.Length} layers become int8{share}."
            + (shown.Length < plan.Length ? $" {Hidden(plan.Length - shown.Length)} shapes, indices and conditions." : ""));
        PrintWeights(console, report.ExpectedBytes!);
        PrintChannels(console, plan);
        console.WriteLine($"Crossings: {Numbers.Count(report.Crossings!.ToInt8)} to int8, {Numbers.Count(report.Crossings.ToFloat)} to float.");
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static string Hidden(int count) => count == 1 ? "1 more computes" : $"{count} more compute";

    private static void PrintWeights(IAnsiConsole console, Pair<long> bytes)
    {
        if (bytes.Float == 0) return;
        console.WriteLine($"Weights: {Numbers.Bytes(bytes.Float)} in float, {Numbers.Bytes(bytes.Int8)} converted "
            + $"({Numbers.Fixed((double)bytes.Float / bytes.Int8, 1)}× smaller).");
    }

    private static void PrintChannels(IAnsiConsole console, LayerReport[] plan)
    {
        static double UsualBits(LayerReport layer) => layer.ChannelBits[(layer.ChannelBits.Length - 1) / 2];
        if (plan.Where(l => !l.ChannelBits.IsEmpty).MinBy(UsualBits) is not { } layer) return;
        console.WriteLine($"Channels: if all of a layer's shared one scale,"
            + $" half of those of {VisibleText.Of(layer.Name)} would keep {Numbers.Fixed(UsualBits(layer), 1)} of 8 bits or fewer.");
    }

    private static Table TableOf(LayerReport[] plan, string[] columns, int bars)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("layer");
        foreach (var name in columns)
        {
            var column = new TableColumn(name).NoWrap();
            table.AddColumn(name is "MACs" or "weights" ? column.RightAligned() : column);
        }
        if (bars > 0) table.AddColumn(new TableColumn("channels").NoWrap());
        foreach (var layer in plan)
        {
            Cell[] row = [new(VisibleText.Of(layer.Name)), .. columns.Select(column => CellOf(layer, column))];
            table.AddRow(bars > 0 ? [.. row, new Cell(Sparkline.OfBits(Spread(layer.ChannelBits, bars)))] : row);
        }
        return table;
    }

    private static Cell CellOf(LayerReport layer, string column) => column switch
    {
        "kind" => new(VisibleText.Of(layer.Kind)),
        "result" => new(layer.Shape ?? "?"),
        "MACs" => new(layer.MultiplyAdds switch { null => "?", 0 => "", { } count => Numbers.Short(count) }),
        "weights" => new(layer.Int8Bytes == 0 ? "" : Numbers.Bytes(layer.Int8Bytes)),
        _ => new(layer.Form + (layer.GivesFloat ? " → float" : ""), layer.Form == "int8" ? Integer : Float),
    };

    /// <summary>So many channels, evenly spaced from the first to the last; all of them where there are fewer.</summary>
    private static IEnumerable<double> Spread(ImmutableArray<double> channels, int wanted) => channels.Length <= wanted ? channels
        : Enumerable.Range(0, wanted).Select(i => channels[i * (channels.Length - 1) / (wanted - 1)]);
}
