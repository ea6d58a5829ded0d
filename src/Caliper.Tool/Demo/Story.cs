using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Reports;
using Spectre.Console;

namespace Caliper.Tool.Demo;

/// <summary>The words of the demo.</summary>
internal sealed class Story(IAnsiConsole console)
{
    private static readonly Style Heading = new(Color.Aqua, decoration: Decoration.Bold);
    private static readonly Style Quiet = new(Color.Grey);
    private static readonly Style Good = new(Color.Green, decoration: Decoration.Bold);
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);

    public void Question()
    {
        Title("  \"evaluate() only does inference. How does that calibrate my model?\"");
        Say("""
            Everyone asks this who reads PyTorch's tutorial on static quantization, where one line calibrates:
            """);
        Code("    evaluate(model, criterion, data_loader, neval_batches=num_calibration_batches)");
        Say("Watch a small network go through it, from float32 to int8.");
    }

    public void Fused(FusedModel fused, int parameters)
    {
        Title("1  Fuse");
        Say($"""
            A MobileNetV2 made small reads digits and letters: {GlyphData.Classes.Length} classes, images of 32×32 pixels,
            {Numbers.Count(parameters)} parameters. Each batch norm is folded into the convolution before it, and each
            ReLU6 joined to it:
            """);
        Code(Excerpt(fused.ToString(), 9, 2));
    }

    public void Prepared(PreparedModel prepared)
    {
        Title("2  Prepare");
        Say($"""
            An observer goes on every tensor that will be int8. The {prepared.Observers.Length} on activations have seen
            nothing yet. The model still computes what it did, in float32:
            """);
        Code(Excerpt(prepared.ToString(), 9, 0));
    }

    public void Calibrated(PreparedModel prepared, EvaluationResult result, DemoTrace trace)
    {
        Title("3  Evaluate. This is calibration.");
        Code("    Evaluator.Evaluate(prepared, criterion, calibration)");
        Say($"""
            {Numbers.Count(result.Samples)} images went through, Acc@1 {Numbers.Fixed(result.Acc1!.Value, 2)} %. It was inference and nothing
            else: no weight changed, no gradient was computed. But each forward pass went past the observers, and each
            took a look, as a batch norm does in training. What the one after {trace.Layer} proposed after
            each batch:
            """);
        Print(trace);
        if (Clips(trace.Points[^1])) Say("""
            The last scale is less than (max − min) / 255: rare extremes are given up for finer steps everywhere else.
            """);
        Say("The same lines as above, now that the observers have seen data:");
        Code(Excerpt(prepared.ToString(), 9, 0));
    }

    public void Converting(DemoChannels channels)
    {
        Title("4  Convert");
        Say($"""
            Scales and zero points are read off the observers, weights become int8, and operators integer operators. Once
            with Caliper's qconfig, and once with PyTorch's simplest one, "default": minimum and maximum, 7 bits for
            activations, and one scale for all channels of a weight.

            That last point is what hurts most. In {channels.Layer} the widest channel of the weight reaches
            {Numbers.Compact(channels.Widest)}, the narrowest {Numbers.Compact(channels.Narrowest)}. With one scale for both, the narrow one
            gets {Numbers.Count(channels.NarrowestSteps)} of 255 integers{(channels.NarrowestSteps == 1 ? ": every weight in it becomes 0" : "")}.
            """);
    }

    public void Judged(DemoReport report)
    {
        Title($"5  Judge, on {Numbers.Count(report.Evaluation.Samples)} other images");
        console.Write(TableOf(report));
        console.WriteLine();
        Say($"""
            The naive int8 network loses {Numbers.Fixed(report.Float.Acc1 - report.Naive.Acc1, 1)} points. With ranges of least error on
            activations and a scale for each channel of a weight, the same calibration by the same images keeps
            {Kept(report)} PyTorch's tutorial sees the same in MobileNetV2 on ImageNet: 71.9 % in float, 56.7 % naively,
            67.3 % with histograms and per-channel weights.

            So evaluate() calibrates because of who is watching, not because of what it does. Which observers watch is the
            qconfig, and it decides what int8 costs.
            """);
    }

    public void Saved(string folder)
    {
        Title("Yours to try");
        Code($"    caliper quantize {Quote(folder, "glyphs.pth")} --arch glyphs --mean 0.5 --std 0.5 \\\n"
            + $"      --data {Quote(folder, "calibration")} --test-data {Quote(folder, "test")} \\\n"
            + $"      --qconfig default -o {Quote(folder, "mine.onnx")}");
    }

    public void NotSaved()
    {
        Say("To try it yourself on the same network and images:");
        Code("    caliper demo -o glyphs");
    }

    public void Page(string path)
    {
        Say("What int8 changed in each layer, with the histogram of its values and its 256 levels, is on a page that opens in any browser:");
        // Not wrapped: a path is copied, or clicked, whole.
        console.WriteLine($"    {path}", Quiet);
    }

    private static bool Clips(DemoTracePoint point) => point.Scale < 0.99 * (point.Max - point.Min) / 255;

    private static string Kept(DemoReport report)
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
        var lines = new List<string> { "batch      min      max     scale  zero point" };
        foreach (var point in trace.Points.Where((_, i) => i is < 4 or 5 or 7 or 11 or 15 || i == trace.Points.Length - 1))
        {
            var (left, right) = (At(point.Min), At(point.Max));
            lines.Add($"{point.Batch,5}{Numbers.Fixed(point.Min, 3),9}{Numbers.Fixed(point.Max, 3),9}"
                + $"{Numbers.Fixed(point.Scale, 5),10}{point.ZeroPoint,12} "
                + $" {new string(' ', left)}├{new string('─', Math.Max(0, right - left - 1))}┤");
        }
        Code(string.Join('\n', lines));
    }

    private static Table TableOf(DemoReport report)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("");
        foreach (var name in new[] { "float32", "int8, default", "int8, caliper" })
            table.AddColumn(new TableColumn(name).RightAligned());
        Row(table, "Acc@1", report, m => Numbers.Fixed(m.Acc1, 2) + " %", isJudged: true);
        Row(table, "Acc@5", report, m => Numbers.Fixed(m.Acc5, 2) + " %");
        Row(table, "Loss", report, m => Numbers.Fixed(m.Loss, 4));
        Row(table, "Agreement", report, m => m.Agreement is { } agreement ? Numbers.Fixed(agreement, 2) + " %" : "");
        Row(table, "Size", report, m => Numbers.Bytes(m.SizeBytes));
        return table;
    }

    private static void Row(
        Table table, string name, DemoReport report, Func<DemoModelReport, string> text, bool isJudged = false) =>
        table.AddRow(new Cell(name), new Cell(text(report.Float)),
            new Cell(text(report.Naive), isJudged ? Bad : Style.Plain), new Cell(text(report.Int8), isJudged ? Good : Style.Plain));

    /// <summary>The first and the last lines of a long text.</summary>
    private static string Excerpt(string text, int head, int tail)
    {
        var lines = text.Split('\n');
        if (lines.Length <= head + tail + 1) return text;
        return string.Join('\n', [.. lines.Take(head), $"  … {lines.Length - head - tail} more lines", .. lines.TakeLast(tail)]);
    }

    private static string Quote(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return path.Contains(' ') ? $"\"{path}\"" : path;
    }

    private void Title(string text) => console.Write(new Cell(text + "\n\n", Heading));

    private void Say(string text) => console.Write(new Cell(Prose.Wrap(text, console.Profile.Width) + "\n\n"));

    private void Code(string text) => console.Write(new Cell(Prose.Hang(text, console.Profile.Width) + "\n\n", Quiet));
}
