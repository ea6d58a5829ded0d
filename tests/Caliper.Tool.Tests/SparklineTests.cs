using Caliper.Tool.Consoles;

namespace Caliper.Tool.Tests;

public sealed class SparklineTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Every_count_falls_to_one_bar_and_only_empty_groups_have_none()
    {
        Assert.Equal("█  ▁", Sparkline.OfCounts([1_000_000, 0, 0, 0, 0, 0, 0, 1], 4));
        Assert.Equal("████", Sparkline.OfCounts([.. Enumerable.Repeat(7L, 256)], 4));
        Assert.Equal("    ", Sparkline.OfCounts(new long[256], 4));
    }

    [Fact]
    public void More_values_never_make_a_lower_bar()
    {
        var line = Sparkline.OfCounts([.. Enumerable.Range(0, 20).Select(i => 1L << i)], 20);
        Assert.Equal(string.Concat(line.Order()), line);
        Assert.Equal("▁▂▃▄▅▆▇█", string.Concat(line.Distinct()));
    }

    [Fact]
    public void A_bar_has_an_eighth_for_each_bit_that_has_begun() =>
        Assert.Equal("▁▁▁▂█▇", Sparkline.OfBits([0, 0.5, 1, 1.01, 8, 6.2]));

    [Fact]
    public void Compare_shows_as_much_as_there_is_room_for()
    {
        Assert.Equal(0, ToolRun.Of("quantize", _sample.Model(), "--fast", "--data", _sample.Images(), "-o", _sample["int8.onnx"]).ExitCode);
        string[] command = ["compare", _sample["model.onnx"], _sample["int8.onnx"], "--data", _sample["images"]];
        foreach (var (width, columns, bars) in new[]
        {
            (36, "deployed alone", 0), (56, "local deployed clipped alone", 0), (70, "local deployed clipped alone", 8),
            (94, "scale local deployed cosine max error clipped levels alone", 0),
            (106, "scale local deployed cosine max error clipped levels alone", 8),
            (140, "scale local deployed cosine max error clipped levels alone", 16),
        })
        {
            var lines = ToolRun.OnTerminal(false, width, command).Output.Split(Environment.NewLine);
            Assert.All(lines.Where(l => l.StartsWith('│')), l => Assert.True(l.Length <= width, l));
            var head = string.Join(' ', lines.First(l => l.StartsWith('│'))
                .Split('│', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal($"layer {columns}{(bars > 0 ? " values" : "")}", head);
            // After a ReLU zero is the most frequent value, and the lowest level.
            var row = lines.Single(l => l.StartsWith("│ conv ", StringComparison.Ordinal)).TrimEnd('│', ' ');
            Assert.Equal(bars, row.Count("▁▂▃▄▅▆▇█".Contains) + (bars > 0 ? bars - row[(row.LastIndexOf('│') + 2)..].Length : 0));
            if (bars > 0) Assert.Equal('█', row[row.LastIndexOf('│') + 2]);
        }
        var json = ToolRun.Of([.. command, "--format", "json", "--no-progress"]).Json;
        Assert.False(json.GetProperty("tensors")[0].TryGetProperty("levels", out _));
    }

    [Fact]
    public void Inspect_shows_what_channels_would_keep_of_eight_bits()
    {
        var run = ToolRun.OnTerminal(false, 120, "inspect", _sample.Model());
        var row = run.Output.Split(Environment.NewLine).Single(l => l.StartsWith("│ conv ", StringComparison.Ordinal)).TrimEnd('│', ' ');
        var bars = row[(row.LastIndexOf('│') + 2)..];
        Assert.Equal(8, bars.Length);
        Assert.Equal(string.Concat(bars.Order()), bars);
        Assert.EndsWith("█", bars, StringComparison.Ordinal);
        Assert.Contains("Channels: if all of a layer's shared one scale, half of those of ", run.Output, StringComparison.Ordinal);
        var narrow = ToolRun.OnTerminal(false, 40, "inspect", _sample["model.onnx"]).Output;
        Assert.DoesNotContain('█', narrow);
        Assert.Contains("│ conv", narrow, StringComparison.Ordinal);
    }
}
