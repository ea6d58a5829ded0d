using Caliper.Data;
using Caliper.Imaging;
using Caliper.Onnx;
using Caliper.Tool.Options;

namespace Caliper.Tool.Inputs;

/// <summary>All that a command reads, in one list for each command that writes.</summary>
/// <param name="Models">Models, which may have weights beside them.</param>
/// <param name="Data">Files or folders of samples, which may have labels beside them.</param>
/// <param name="Others">Statistics, traces, qconfigs.</param>
internal sealed record InputFiles(string[] Models, string?[] Data, string?[] Others)
{
    /// <summary>What <c>caliper calibrate</c> reads.</summary>
    public static InputFiles Of(CalibrateOptions options) => new([options.Model.Path], [options.Data.Path],
        [options.Recipe, options.Data.Text.Tokenizer]);

    /// <summary>What <c>caliper quantize</c> reads.</summary>
    public static InputFiles Of(QuantizeOptions options) => new([options.Model.Path], [options.Data?.Path, options.TestData?.Path],
        [options.Calibration, options.Trace, options.Scheme.QConfig, options.Search.Recipe,
            (options.Data ?? options.TestData)?.Text.Tokenizer]);

    /// <summary>What <c>caliper compare</c> reads.</summary>
    public static InputFiles Of(CompareOptions options) => new([options.Float.Path, options.Int8], [options.Data.Path],
        [options.Calibration, options.Trace, options.Data.Text.Tokenizer]);

    /// <summary>What <c>caliper merge</c> reads.</summary>
    public static InputFiles Of(MergeOptions options) => new([], [], [.. options.Parts]);

    /// <summary>Every file, with those beside and inside what was named.</summary>
    public IEnumerable<string> All() =>
        [.. Models, .. Models.SelectMany(ExternalDataFiles.Of), .. Others.OfType<string>(), .. Data.OfType<string>().SelectMany(FilesOf)];

    private static IEnumerable<string> FilesOf(string data)
    {
        if (!Directory.Exists(data)) return IdxLoader.LabelsBeside(data) is { } labels ? [data, labels] : [data];
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };
        return Directory.EnumerateFiles(data, "*", everywhere)
            .Where(file => ImageDecoder.Recognizes(file) || Path.GetFileName(file) == ImageListing.LabelsFile);
    }
}
