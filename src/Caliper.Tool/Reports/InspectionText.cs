using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what is inside a model.</summary>
internal static class InspectionText
{
    private static readonly Style Integer = new(Color.Green);
    private static readonly Style Float = new(Color.Yellow);

    public static void Print(IAnsiConsole console, InspectionReport report)
    {
        var version = report.Opset is { } opset
            ? $", ONNX opset {opset}, IR {report.IrVersion}{(report.Producer is { } producer ? $", by {producer}" : "")}" : "";
        console.WriteLine($"{report.Model}: {Numbers.Bytes(report.SizeBytes)}{version}");
        foreach (var input in report.Inputs) console.WriteLine($"input   {input.Name}  {input.Type} {input.Shape}");
        foreach (var output in report.Outputs) console.WriteLine($"output  {output.Name}  {output.Type} {output.Shape}");
        console.WriteLine($"{Numbers.Count(report.Nodes)} nodes, {Numbers.Count(report.Parameters)} parameters: "
            + string.Join(", ", report.Operators.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}")));
        if (report.Plan is not { } plan)
        {
            console.WriteLine("It computes in int8 already: there is nothing to plan.");
            return;
        }
        console.Write(TableOf(plan));
        var share = report.Int8MacPercent is { } percent
            ? $": {Numbers.Fixed(percent, 1)} % of {Numbers.Short(report.MultiplyAdds!.Value)} MACs" : "";
        console.WriteLine($"With the qconfig {report.QConfig}, {report.Layers!.Int8} of {plan.Length} layers become int8{share}.");
        PrintWeights(console, report.ExpectedBytes!);
        console.WriteLine($"Crossings: {Numbers.Count(report.Crossings!.ToInt8)} to int8, {Numbers.Count(report.Crossings.ToFloat)} to float.");
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static void PrintWeights(IAnsiConsole console, Pair<long> bytes)
    {
        if (bytes.Float == 0) return;
        console.WriteLine($"Weights: {Numbers.Bytes(bytes.Float)} in float, {Numbers.Bytes(bytes.Int8)} converted "
            + $"({Numbers.Fixed((double)bytes.Float / bytes.Int8, 1)}× smaller).");
    }

    private static Table TableOf(LayerReport[] plan)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("layer");
        table.AddColumn(new TableColumn("kind").NoWrap());
        table.AddColumn(new TableColumn("result").NoWrap());
        table.AddColumn(new TableColumn("MACs").NoWrap().RightAligned());
        table.AddColumn(new TableColumn("weights").NoWrap().RightAligned());
        table.AddColumn(new TableColumn("becomes").NoWrap());
        foreach (var layer in plan)
        {
            table.AddRow(new Text(layer.Name), new Text(layer.Kind), new Text(layer.Shape ?? "?"),
                new Text(layer.MultiplyAdds switch { null => "?", 0 => "", { } count => Numbers.Short(count) }),
                new Text(layer.Int8Bytes == 0 ? "" : Numbers.Bytes(layer.Int8Bytes)),
                new Text(layer.Form + (layer.GivesFloat ? " → float" : ""), layer.Form == "int8" ? Integer : Float));
        }
        return table;
    }
}
