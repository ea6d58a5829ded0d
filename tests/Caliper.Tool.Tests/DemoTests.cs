namespace Caliper.Tool.Tests;

public sealed class DemoTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_story_can_be_seen_in_the_numbers_and_taken_home()
    {
        var json = ToolRun.Of("demo", "--format", "json", "-o", _sample["glyphs"]).Json;
        var reference = Acc1("float");
        Assert.InRange(reference, 95, 100);
        Assert.True(Acc1("naive") < reference - 2, "naive int8 is to lose clearly");
        Assert.True(Acc1("int8") > reference - 0.5, "good int8 is to stay within half a point");
        Assert.True(json.GetProperty("evaluation").GetProperty("samples").GetInt32() >= 1800);

        var points = json.GetProperty("trace").GetProperty("points").EnumerateArray().ToArray();
        Assert.Equal(json.GetProperty("calibration").GetProperty("batches").GetInt32(), points.Length);
        Assert.NotEqual(points[0].GetProperty("scale").GetDouble(), points[^1].GetProperty("scale").GetDouble());

        var page = File.ReadAllText(json.GetProperty("report").GetString()!);
        Assert.Equal(_sample["glyphs/report.html"], json.GetProperty("report").GetString());
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        foreach (var text in new[] { "glyphs.int8", "Acc@1", "Agreement", "features.8.conv.2", "id=\"verdict\"" })
            Assert.Contains(text, page, StringComparison.Ordinal);

        Assert.Equal(36, Directory.GetDirectories(_sample["glyphs/calibration"]).Length);
        var again = ToolRun.Of("quantize", _sample["glyphs/glyphs.pth"], "--arch", "glyphs", "--mean", "0.5", "--std", "0.5",
            "--data", _sample["glyphs/calibration"], "-o", _sample["mine.onnx"], "--batches", "2", "--format", "json").Json;
        Assert.InRange(again.GetProperty("float").GetProperty("acc1").GetDouble(), 95, 100);

        double Acc1(string model) => json.GetProperty(model).GetProperty("acc1").GetDouble();
    }

    [Fact]
    public void The_words_answer_the_question_and_end_at_a_page_in_a_folder_of_its_own()
    {
        var before = Directory.GetFileSystemEntries(Environment.CurrentDirectory);
        var run = ToolRun.Of("demo", "--no-progress");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        foreach (var text in new[]
        {
            "evaluate() only does inference", "FusedModel(", "PreparedModel(", "StatisticsObserver(method=sqnr(1.5), min_val=inf",
            "This is calibration", "zero point", "int8, default", "Acc@1", "71.9",
        })
        {
            Assert.Contains(text, run.Output, StringComparison.Ordinal);
        }
        Assert.Equal(before, Directory.GetFileSystemEntries(Environment.CurrentDirectory));
        var page = run.Output.TrimEnd().Split('\n')[^1].Trim();
        Assert.Equal(Path.GetTempPath(), Path.GetDirectoryName(Path.GetDirectoryName(page)) + Path.DirectorySeparatorChar);
        Assert.Contains("</html>", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal(page, Assert.Single(Directory.GetFiles(Path.GetDirectoryName(page)!)));
        // Others share the place for temporary files: they can neither guess the name nor look inside.
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows()) Assert.Equal(owner, File.GetUnixFileMode(Path.GetDirectoryName(page)!));
        Directory.Delete(Path.GetDirectoryName(page)!, recursive: true);
    }

    [Fact]
    public void A_folder_with_something_in_it_is_left_alone() =>
        ToolRun.Of("demo", "-o", _sample.Images()).AssertFailed("images", "not an empty folder");
}
