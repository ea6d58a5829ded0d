using System.Globalization;
using System.Text;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Hosting;
using Caliper.Imaging;
using Caliper.Observers;
using Caliper.Onnx;
using Caliper.Statistics;
using Caliper.Text;
using Caliper.Text.Tests;
using Caliper.Torch;
using SkiaSharp;

namespace Caliper.Fuzz;

/// <summary>A public method that reads a file, and a file that it reads.</summary>
/// <param name="Method">Type and name.</param>
/// <param name="Name">The file's name, which may lie in a folder.</param>
/// <param name="Right">The file as it should be.</param>
/// <param name="Read">Calls the method, in all its forms, and looks at all that it gives; takes the folder.</param>
internal sealed record FileReader(string Method, string Name, byte[] Right, Action<string> Read);

/// <summary>Every public method that reads a file.</summary>
internal static class FileReaders
{
    private const int Samples = 3, Side = 4;
    private static readonly ExecutionOptions _execution = new() { Backend = new StubBackend(1), Int8Backend = new StubBackend(1), Threads = 1 };

    /// <summary>All, with the files that lie beside those that are damaged.</summary>
    public static FileReader[] All() => [.. Models(), .. Settings(), .. Arrays(), .. Pictures(), .. Texts(), .. Weights()];

    /// <summary>Files that are read with another one, and stay as they should be.</summary>
    public static IEnumerable<(string Name, byte[] Right)> Beside() =>
    [
        ("train-images-idx3-ubyte", Idx(3)), ("train-labels-idx1-ubyte", Idx(1)), ("images/0.png", Picture(SKEncodedImageFormat.Png)),
        ("model.onnx", OnnxFile.ToBytes(TextModel())), ("tokenizer.json", Encoding.UTF8.GetBytes(SmallVocabulary.TokenizerJson())),
    ];

    private static IEnumerable<FileReader> Models()
    {
        var (right, int8) = (Seeds.All(null)[0], Quantized());
        yield return Of("FloatModel.Load", "f.onnx", right, p => FloatModel.Load(p, _execution), s => FloatModel.Load(s, _execution),
            b => FloatModel.Load(b, _execution));
        yield return Of("QuantizedModel.Load", "q.onnx", int8, p => QuantizedModel.Load(p, _execution), s => QuantizedModel.Load(s, _execution),
            b => QuantizedModel.Load(b, _execution));
        yield return Of("Int8Session.Load", "s.onnx", int8, p => Int8Session.Load(p), s => Int8Session.Load(s), b => Int8Session.Load(b));
        yield return Of("OnnxFile.Read", "o.onnx", right, OnnxFile.Read, s => OnnxFile.Read(s, "it"), b => OnnxFile.Read(b));
        yield return Of("Int8Service.Load", "h.onnx", int8, p => Int8Service.Load(p));
        yield return new("Int8Service.Swap", "h2.onnx", int8, folder =>
        {
            File.WriteAllBytes(Path.Combine(folder, "right.onnx"), int8);
            using var service = Int8Service.Load(Path.Combine(folder, "right.onnx"));
            service.Swap(Path.Combine(folder, "h2.onnx"));
        });
    }

    private static byte[] Quantized()
    {
        using var loaded = FloatModel.Load(Seeds.All(null)[0], _execution);
        using var fused = loaded.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Run(StubBackend.Tensors(prepared.Inputs, new Random(1)));
        using var quantized = prepared.Convert();
        return OnnxFile.ToBytes(quantized.Model);
    }

    private static IEnumerable<FileReader> Settings()
    {
        var statistics = Calibrated();
        yield return Of("CalibrationStatistics.Load", "a.calib", statistics.ToBytes(), CalibrationStatistics.Load, CalibrationStatistics.Load,
            b => CalibrationStatistics.Load(b));
        var trace = new CalibrationTrace();
        trace.Add(2, new Dictionary<string, RealRange> { ["x"] = new(-1, 1), ["y"] = new(0, 3) });
        yield return Of("CalibrationTrace.Load", "t.json", trace.ToBytes(), CalibrationTrace.Load, CalibrationTrace.Load,
            b => CalibrationTrace.Load(b));
        var mapping = new QConfigMapping(QConfig.X86).SetName("c", QConfig.Default).SetNameGlob("l*", null).SetOperatorType("Gemm", QConfig.Onednn);
        yield return Of("QConfigMapping.Load", "q.json", Utf8(mapping.ToJson()), QConfigMapping.Load);
        yield return OfText("QConfigMapping.FromJson", mapping.ToJson(), QConfigMapping.FromJson);
        const string Recipe = """
            {"activations": {"x": {"bits": 16, "product_bits": 8, "reason": "r", "output_decibels": 3.5}}, "weights": {"c": {"bits": 32}},
             "equalization": {"divided": {"v": [0, 1, -2]}, "undone": {"c": "v"}, "reads": {"p": [1, 0, 3]}}}
            """;
        yield return Of("Recipe.Load", "r.json", Utf8(Recipe), Caliper.Preparation.Recipe.Load);
        yield return OfText("Recipe.FromJson", Recipe, Caliper.Preparation.Recipe.FromJson);
        yield return OfText("ObserverSpec.FromJson", QConfig.Default.Activation.ToJson(), ObserverSpec.FromJson);
    }

    private static CalibrationStatistics Calibrated()
    {
        using var loaded = FloatModel.Load(Seeds.All(null)[0], _execution);
        using var fused = loaded.Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe([new Batch(StubBackend.Tensors(fused.Inputs, new Random(1)), null, ["a", "b"])]);
        return calibrator.Statistics;
    }

    private static IEnumerable<FileReader> Arrays()
    {
        var values = Tensor.Of(Shape.Of(Samples, 1, Side, Side), Enumerable.Range(0, Samples * Side * Side).Select(i => i / 9f).ToArray());
        var path = Path.GetTempFileName();
        File.Delete(path);
        ArrayWriter.Write(path, [KeyValuePair.Create("x", values), KeyValuePair.Create("labels", Tensor.Vector(0L, 1L, 2L))]);
        var zip = File.ReadAllBytes(path);
        File.Delete(path);
        yield return Of("ArrayLoader.Open", "a.npz", zip, p => ArrayLoader.Open(p, 2));
        yield return Of("ArrayLoader.Open", "a.npy", Npy(values), p => ArrayLoader.Open(p, 2));
        foreach (var (name, right) in Beside().Where(b => b.Name.Contains("idx", StringComparison.Ordinal)))
            yield return new("IdxLoader.Open", name, right, folder => Look(IdxLoader.Open(Path.Combine(folder, "train-images-idx3-ubyte"), 2)));
        yield return Of("DataSource.Open", "d.npz", zip, p => DataSource.Open(p, null, 2));
        yield return Of("DataSource.Open", "d.npy", Npy(values), p => DataSource.Open(p, null, 2));
    }

    private static IEnumerable<FileReader> Pictures()
    {
        foreach (var format in new[] { SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp })
            foreach (var (method, open) in Openers())
                yield return new(method, $"images/1.{format.ToString().ToLowerInvariant()}", Picture(format), open);
        foreach (var (method, open) in Openers()) yield return new(method, "images/labels.csv", "file,label\n0.png,3\n"u8.ToArray(), open);
    }

    private static IEnumerable<(string Method, Action<string> Open)> Openers() =>
    [
        ("DataSource.Open", folder => Look(DataSource.Open(Path.Combine(folder, "images"), null, 2))),
        ("ImageFolder.Open", folder => Look(ImageFolder.Open(Path.Combine(folder, "images"), Preprocessing.Imagenet, 2))),
    ];

    private static IEnumerable<FileReader> Texts()
    {
        foreach (var (name, text) in new[] { ("wordpiece.json", SmallVocabulary.TokenizerJson()), ("bpe.json", SmallVocabulary.BytePairs),
            ("unigram.json", SmallVocabulary.Unigrams), ("vocab.txt", SmallVocabulary.VocabularyText) })
            yield return Of("TextTokenizer.Load", name, Utf8(text), p => TextTokenizer.Load(p).Encode("hello, World é ab", 8));
        var tokenizer = Encoding.UTF8.GetBytes(SmallVocabulary.TokenizerJson());
        foreach (var (name, text) in new[] { ("t.txt", "hello world\n\ncafe\n"),
            ("t.jsonl", "{\"text\": \"hello\", \"label\": 1}\n{\"text\": \"x\", \"label\": 0}\n"),
            ("t.csv", "text,label\n\"hello, \"\"you\"\"\",1\nplay,0\n") })
            yield return new("TextLoader.Open", name, Utf8(text), folder => Look(TextLoader.Open(Path.Combine(folder, name),
                TextTokenizer.Load(Path.Combine(folder, "tokenizer.json")), TextModel().Graph.Inputs, 1)));
        foreach (var (name, right) in new[] { ("model.onnx", OnnxFile.ToBytes(TextModel())), ("tokenizer.json", tokenizer) })
            yield return new("TextEmbedder.Load", name, right, folder =>
                TextEmbedder.Load(Path.Combine(folder, "model.onnx"), Path.Combine(folder, "tokenizer.json")).Dispose());
    }

    /// <summary>Vectors of tokens, which are looked up.</summary>
    private static Model TextModel() => new Caliper.Tests.TestModel().Input(ElementType.Int64, "input_ids", -1, -2).Weights("table", 1, 12, 6)
        .Node("Gather", "table input_ids", "last_hidden_state").Output("last_hidden_state").Build().Model;

    private static IEnumerable<FileReader> Weights()
    {
        var small = new StateDict([KeyValuePair.Create("a.weight", Tensor.Vector(1f, 2f)), KeyValuePair.Create("b", Tensor.Scalar(3L))]);
        var resnet = Architectures.Get("resnet20").Create().RandomWeights();
        foreach (var name in new[] { "w.pth", "w.safetensors" })
        {
            yield return Of("Checkpoint.Load", name, Saved(small, name), Checkpoint.Load, s => Checkpoint.Load(s, name));
            yield return Of("TorchModel.Load", name, Saved(resnet, name), p => TorchModel.Load(p, "resnet20"));
        }
    }

    private static byte[] Saved(StateDict weights, string name)
    {
        using var stream = new MemoryStream();
        Checkpoint.Save(weights, stream, name);
        return stream.ToArray();
    }

    private static FileReader Of(string method, string name, byte[] right, Func<string, object?> path, Func<Stream, object?>? stream = null,
        Func<byte[], object?>? bytes = null) => new(method, name, right, folder =>
    {
        var at = Path.Combine(folder, name);
        // Whatever a file is read by, it is refused by: each way is gone.
        FileRun.Each(() => Look(path(at)), () => Look(stream?.Invoke(new MemoryStream(File.ReadAllBytes(at)))),
            () => Look(bytes?.Invoke(File.ReadAllBytes(at))));
    });

    private static FileReader OfText(string method, string right, Func<string, object?> read) =>
        new(method, "text", Utf8(right), folder => read(Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "text")))));

    private static void Look(object? result)
    {
        if (result is IEnumerable<Batch> batches) foreach (var batch in batches) _ = batch.Inputs.Count;
        _ = Convert.ToString(result, CultureInfo.InvariantCulture);
        (result as IDisposable)?.Dispose();
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Npy(Tensor tensor)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", tensor.Shape.ToArray())}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. tensor.Bytes.Span];
    }

    private static byte[] Idx(int rank) => rank == 1 ? [0, 0, 8, 1, 0, 0, 0, Samples, 0, 1, 2]
        : [0, 0, 8, 3, 0, 0, 0, Samples, 0, 0, 0, Side, 0, 0, 0, Side, .. Enumerable.Range(0, Samples * Side * Side).Select(i => (byte)i)];

    private static byte[] Picture(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(8, 8);
        bitmap.Erase(new SKColor(200, 100, 50));
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }
}
