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
        // Channels of the LayerNorms divided so that the small ones use more of the 256 levels: the better form stays.
        using var divided = RecipeSearch.Equalized(prepared, calibrator.Statistics);
        if (divided is not null) Recalibrate(divided, data);
        var found = RecipeSearch.Find(divided is null ? [prepared] : [prepared, divided], data);
        using var quantized = found.Form!.Convert(found.Complete());
        quantized.Save(files.Int8);
    }

    private static void Recalibrate(PreparedModel divided, TextLoader data)
    {
        using var calibrator = new Calibrator(divided.Fused);
        calibrator.Observe(data);
        divided.Load(calibrator.Statistics);
    }
}
