using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Tool.Tests;

/// <summary>Texts go through every command that takes data.</summary>
public sealed class TextTests : IDisposable
{
    private const int Width = 16;

    private static readonly string[] Words = ["red", "green", "blue", "cat", "dog", "house", "river", "stone", "tree", "wind", "sky", "bird"];

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_network_of_texts_is_calibrated_quantized_evaluated_and_compared()
    {
        var (model, texts, tokenizer) = (Encoder(), Texts(), Tokenizer());
        string[] data = ["--data", texts, "--tokenizer", tokenizer, "--max-length", "8", "--no-progress"];
        Assert.Equal(0, ToolRun.Of(["calibrate", model, .. data, "-o", _sample["m.calib"]]).ExitCode);
        var quantized = ToolRun.Of(["quantize", model, .. data, "--fast", "-o", _sample["int8.onnx"], "--format", "json"]);
        Assert.Equal(0, quantized.ExitCode);
        Assert.Equal(40, quantized.Json.GetProperty("calibration").GetProperty("samples").GetInt32());
        var compared = ToolRun.Of(["compare", model, _sample["int8.onnx"], .. data, "--format", "json"]);
        Assert.Equal(40, compared.Json.GetProperty("evaluation").GetProperty("samples").GetInt32());
        string[] evaluate = ["evaluate", _sample["int8.onnx"], "--against", model, .. data, "--pooling", "mean"];
        var vectors = ToolRun.Of([.. evaluate, "--format", "json"]).Json.GetProperty("vectors");
        Assert.Equal(Width, vectors.GetProperty("dimensions").GetInt32());
        Assert.InRange(vectors.GetProperty("leastCosine").GetDouble(), 0.99, 1);
        Assert.InRange(vectors.GetProperty("recall10").GetDouble(), 80, 100);
        Assert.Contains("Least cosine", ToolRun.Of(evaluate).Output, StringComparison.Ordinal);
        Assert.Equal(0, ToolRun.Of([.. evaluate, "--min-cosine", "0.9", "--min-recall", "50"]).ExitCode);
        var missed = ToolRun.Of([.. evaluate, "--min-cosine", "1.5"]);
        Assert.Equal(ExitCode.QualityGateMissed, missed.ExitCode);
        Assert.Contains("--min-cosine", missed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Dynamic_quantization_needs_no_data()
    {
        var (model, texts, tokenizer) = (Encoder(), Texts(), Tokenizer());
        Assert.Equal(0, ToolRun.Of("quantize", model, "--dynamic", "-o", _sample["d.onnx"]).ExitCode);
        var json = ToolRun.Of("quantize", model, "--dynamic", "--test-data", texts, "--tokenizer", tokenizer,
            "-o", _sample["e.onnx"], "--format", "json").Json;
        Assert.Equal(File.ReadAllBytes(_sample["d.onnx"]), File.ReadAllBytes(_sample["e.onnx"]));
        Assert.InRange(json.GetProperty("sqnrDecibels").GetProperty("states").GetDouble(), 30, 80);
        Assert.Empty(json.GetProperty("diagnostics").EnumerateArray());
        Refused(2, "--dynamic needs no --data", "quantize", model, "--dynamic", "--data", texts, "--tokenizer", tokenizer, "-o", _sample["f.onnx"]);
        Refused(2, "--onnx-form has no use", "quantize", model, "--dynamic", "--onnx-form", "qdq", "-o", _sample["f.onnx"]);
    }

    [Fact]
    public void Pairs_with_scores_have_a_rank_correlation()
    {
        File.WriteAllText(_sample["pairs.csv"], "sentence1,sentence2,score\nred cat,red cat,5\nred cat,blue dog,3\nred house,wind,1\n");
        var model = Encoder();
        var run = ToolRun.Of("evaluate", model, "--against", model, "--data", _sample["pairs.csv"], "--tokenizer", Tokenizer(), "--pooling", "mean",
            "--format", "json");
        var spearman = run.Json.GetProperty("vectors").GetProperty("spearman");
        Assert.Equal(spearman.GetProperty("float").GetDouble(), spearman.GetProperty("int8").GetDouble());
        Assert.Equal(6, run.Json.GetProperty("evaluation").GetProperty("samples").GetInt32());
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        var (model, texts, tokenizer) = (Encoder(), Texts(), Tokenizer());
        Refused(1, "--tokenizer", "evaluate", model, "--data", texts);
        Refused(1, "no texts", "evaluate", model, "--data", _sample.Images(), "--tokenizer", tokenizer);
        Refused(2, "--max-length needs --tokenizer", "evaluate", model, "--data", texts, "--max-length", "8");
        Refused(2, "--scale is for images", "evaluate", model, "--data", texts, "--tokenizer", tokenizer, "--scale", "1/255");
        Refused(2, "--pooling needs --against", "evaluate", model, "--data", texts, "--tokenizer", tokenizer, "--pooling", "cls");
        Refused(2, "--min-recall needs --pooling", "evaluate", model, "--against", model, "--data", texts, "--tokenizer", tokenizer,
            "--min-recall", "9");
        Refused(1, "special tokens", "evaluate", model, "--data", texts, "--tokenizer", tokenizer, "--max-length", "2");
        Refused(1, "[N, H]", "evaluate", model, "--against", model, "--data", texts, "--tokenizer", tokenizer, "--pooling", "none");
        Refused(1, "an input", "quantize", model, "--data", texts, "--tokenizer", tokenizer, "-o", tokenizer, "--overwrite");
    }

    private static void Refused(int code, string said, params string[] line)
    {
        var run = ToolRun.Of(line);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private string Texts()
    {
        var random = new Random(3);
        File.WriteAllLines(_sample["texts.txt"], Enumerable.Range(0, 40).Select(_ =>
            string.Join(' ', Enumerable.Range(0, random.Next(1, 10)).Select(_ => Words[random.Next(Words.Length)]))));
        return _sample["texts.txt"];
    }

    private string Tokenizer()
    {
        File.WriteAllLines(_sample["vocab.txt"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", .. Words]);
        return _sample["vocab.txt"];
    }

    /// <summary>An embedding table and a linear layer: ids and mask of N×L to N×L×16.</summary>
    private string Encoder()
    {
        var random = new Random(7);
        Tensor Random(params long[] shape) => Tensor.Of(Shape.Of(shape),
            [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5))]);
        var tokens = new Shape([Dimension.Named("n"), Dimension.Named("l")]);
        var initializers = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["table"] = Random(Words.Length + 4, Width),
            ["weight"] = Random(Width, Width),
            ["last"] = Tensor.Vector(2L),
        });
        Node[] nodes =
        [
            new Node("rows", "Gather", ["table", "input_ids"], ["rows.out"]),
            new Node("cast", "Cast", ["attention_mask"], ["mask.float"]).With("to", 1),
            new Node("wide", "Unsqueeze", ["mask.float", "last"], ["mask.wide"]),
            new Node("masked", "Mul", ["rows.out", "mask.wide"], ["masked.out"]),
            new Node("linear", "MatMul", ["masked.out", "weight"], ["states"]),
        ];
        var graph = new Graph("encoder", [new Value("input_ids", ElementType.Int64, tokens), new Value("attention_mask", ElementType.Int64, tokens)],
            [new Value("states", ElementType.Float32, new Shape([.. tokens.Dimensions, Dimension.Of(Width)]))], nodes, initializers);
        OnnxFile.Write(new Model(graph, ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)])),
            _sample["encoder.onnx"]);
        return _sample["encoder.onnx"];
    }
}
