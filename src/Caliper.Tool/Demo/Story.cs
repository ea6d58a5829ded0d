using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Reports;
using Spectre.Console;

namespace Caliper.Tool.Demo;

/// <summary>The words of the demo. Lines are short enough for a terminal of 80 columns.</summary>
internal sealed class Story(IAnsiConsole console)
{
    private static readonly Style Heading = new(Color.Aqua, decoration: Decoration.Bold);
    private static readonly Style Quiet = new(Color.Grey);
    private static readonly Style Good = new(Color.Green, decoration: Decoration.Bold);
    private static readonly Style Bad = new(Color.Red);

    public void Question()
    {
        Say("");
        Say("  \"evaluate() only does inference. How does that calibrate my model?\"", Heading);
        Say("""

            Everyone asks this who reads PyTorch's tutorial on static quantization, where
            one line calibrates:  evaluate(model, criterion, data_loader, num_batches)
            Watch a small network go through it, from float32 to int8.
            """);
    }

    public void Fused(FusedModel fused, int parameters)
    {
        Say("\n1  Fuse", Heading);
        Say($"""
            A MobileNetV2 made small reads digits and letters: {Numbers.Count(GlyphData.Classes.Length)} classes, images of 32×32
            pixels, {Numbers.Count(parameters)} weights. Each batch norm is folded into the convolution before it,
            and each ReLU6 joined to it:

            """);
        Say(Excerpt(fused.ToString(), 9, 2), Quiet);
    }

    public void Prepared(PreparedModel prepared)
    {
        Say("\n2  Prepare", Heading);
        Say($"""
            An observer goes on every tensor that will be int8: {prepared.Observers.Length} of them on activations. They
            have seen nothing yet. The model still computes in float32:

            """);
        Say(Excerpt(prepared.ToString(), 8, 0), Quiet);
    }

    public void Calibrated(PreparedModel prepared, EvaluationResult result, DemoTrace trace)
    {
        Say("\n3  Evaluate. This is calibration.", Heading);
        Say($"""
            Evaluator.Evaluate(prepared, criterion, calibration)

            {Numbers.Count(result.Samples)} images went through, Acc@1 {Numbers.Fixed(result.Acc1!.Value, 2)} %. It was inference and nothing else: no
            weight changed, no gradient was computed. But each forward pass went past the
            observers, and each took a look, as a batch norm in training does. What the
            one behind {trace.Layer} proposed after each batch:

            """);
        Print(trace);
        Say("\nThe same place as above, now that its observers have seen data:\n");
        Say(Excerpt(prepared.ToString(), 8, 0), Quiet);
    }

    public void Converting(DemoChannels channels)
    {
        Say("\n4  Convert", Heading);
        Say($"""
            Scales and zero points are read off the observers, weights become int8, and
            operators become integer operators. Once with Caliper's qconfig, and once with
            PyTorch's simplest one, "default": minimum and maximum, 7 bits for activations,
            and one scale for all channels of a weight. That last point is what hurts most:
            in {channels.Layer} the widest channel reaches {Numbers.Compact(channels.Widest)}, the narrowest {Numbers.Compact(channels.Narrowest)}. With
            one scale for both, the narrow one gets {channels.NarrowestSteps} of 255 integers.
            """);
    }

    public void Judged(DemoReport report)
    {
        Say($"\n5  Judge, on {Numbers.Count(report.Evaluation.Samples)} other images\n", Heading);
        console.Write(TableOf(report));
        Say($"""

            The naive int8 network loses {Numbers.Fixed(report.Float.Acc1 - report.Naive.Acc1, 1)} points. With a histogram on activations and a scale
            for each channel of a weight, the same calibration by the same images keeps
            {Change(report)} In PyTorch's tutorial, MobileNetV2 on ImageNet goes the
            same way: 71.9 % in float, 56.7 % naively, 67.3 % with histogram and per-channel.

            So: evaluate() calibrates because of who is watching, not because of what it
            does. Which observers watch is the qconfig, and it decides what int8 costs.
            """);
    }

    public void Saved(string folder)
    {
        Say("\nYours to try", Heading);
        Say($"caliper quantize {Quote(Path.Combine(folder, "glyphs.onnx"))} --data {Quote(Path.Combine(folder, "calibration"))} "
            + $"--test-data {Quote(Path.Combine(folder, "test"))} --mean 0.5 --std 0.5 --qconfig default -o {Quote(Path.Combine(folder, "mine.onnx"))}");
    }

    public void NotSaved()
    {
        Say("\nNothing was written. To try it yourself on the same model and images:", Quiet);
        Say("caliper demo -o glyphs");
    }

    private static string Change(DemoReport report)
    {
        var change = report.Int8.Acc1 - report.Float.Acc1;
        return change >= 0 ? "all of the float network's accuracy."
            : $"all but {Numbers.Fixed(-change, 2)} points of the float network's accuracy.";
    }

    private void Print(DemoTrace trace)
    {
        const int width = 30;
        var (least, most) = (trace.Points.Min(p => p.Min), trace.Points.Max(p => p.Max));
        int At(double value) => (int)Math.Round((value - least) / (most - least) * (width - 1));
        Say($"  batch       min       max     scale  zero point  {"range",-width}", Quiet);
        foreach (var point in trace.Points.Where((_, i) => i is < 4 or 5 or 7 or 11 or 15 || i == trace.Points.Length - 1))
        {
            var (left, right) = (At(point.Min), At(point.Max));
            var bar = new string(' ', left) + "├" + new string('─', Math.Max(0, right - left - 1)) + "┤";
            Say($"  {point.Batch,5}{Numbers.Fixed(point.Min, 3),10}{Numbers.Fixed(point.Max, 3),10}{Numbers.Fixed(point.Scale, 5),10}{point.ZeroPoint,12}  {bar}");
        }
    }

    private static Table TableOf(DemoReport report)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("");
        foreach (var name in new[] { "float32", "int8, default", "int8, caliper" }) table.AddColumn(new TableColumn(name).RightAligned());
        Row(table, "Acc@1", report, m => Numbers.Fixed(m.Acc1, 2) + " %", isJudged: true);
        Row(table, "Acc@5", report, m => Numbers.Fixed(m.Acc5, 2) + " %");
        Row(table, "Loss", report, m => Numbers.Fixed(m.Loss, 4));
        Row(table, "Agreement", report, m => m.Agreement is { } agreement ? Numbers.Fixed(agreement, 2) + " %" : "");
        Row(table, "Size", report, m => Numbers.Bytes(m.SizeBytes));
        return table;
    }

    private static void Row(Table table, string name, DemoReport report, Func<DemoModelReport, string> text, bool isJudged = false) =>
        table.AddRow(new Text(name), new Text(text(report.Float)),
            new Text(text(report.Naive), isJudged ? Bad : Style.Plain), new Text(text(report.Int8), isJudged ? Good : Style.Plain));

    /// <summary>The first and the last lines of a long text.</summary>
    private static string Excerpt(string text, int head, int tail)
    {
        var lines = text.Split('\n');
        if (lines.Length <= head + tail + 1) return text;
        return string.Join('\n', [.. lines.Take(head), $"  … {lines.Length - head - tail} more lines", .. lines.TakeLast(tail)]);
    }

    private static string Quote(string path) => path.Contains(' ') ? $"\"{path}\"" : path;

    private void Say(string text, Style? style = null) => console.Write(new Text(text + "\n", style));
}
