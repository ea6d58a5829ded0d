using Caliper;
using Caliper.Calibration;
using Caliper.Search;
using Caliper.Text;

namespace Embeddings;

/// <summary>Makes the int8 network: what <c>caliper quantize model.onnx --data calibration.txt --tokenizer vocab.txt</c> does.</summary>
internal static class Quantizing
{
    /// <summary>Calibrates with sentences, searches for what needs more than 8 bits, and saves the int8 network.</summary>
    /// <param name="files">Network and vocabulary.</param>
    /// <param name="sentences">A file of sentences, a line each; their padding enters no range.</param>
    /// <param name="isSearching">Whether to search; without it all is in 8 bits, in a tenth of the time.</param>
    public static void Run(MiniLm files, string sentences, bool isSearching = true)
    {
        using var model = FloatModel.Load(files.Network);
        using var fused = model.Fuse();
        var data = TextLoader.Open(sentences, TextTokenizer.Load(files.Vocabulary), model.Inputs, batchSize: 8);
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(data);
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Load(calibrator.Statistics);
        if (!isSearching)
        {
            using var plain = prepared.Convert();
            plain.Save(files.Int8);
            return;
        }
        // A few channels of a transformer reach far beyond all others: its other forms have them divided, or split into several.
        var forms = RecipeSearch.FormsOf(prepared, calibrator.Statistics);
        foreach (var form in forms) Recalibrate(form, data);
        // Of what noise is left, the mean of a sentence's words takes most: 8 bits may stay what 95 % of the multiplications read.
        var options = new SearchOptions { MostWide = 0.05, MostFloat = 0, Acceptable = double.NegativeInfinity };
        var found = RecipeSearch.Find([prepared, .. forms], data, options);
        using var quantized = found.Form!.Convert(found.Complete());
        quantized.Save(files.Int8);
        foreach (var form in forms) form.Dispose();
    }

    private static void Recalibrate(PreparedModel form, TextLoader data)
    {
        using var calibrator = new Calibrator(form.Fused);
        calibrator.Observe(data);
        form.Load(calibrator.Statistics);
    }
}
