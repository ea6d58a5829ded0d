// A sentence encoder in int8: quantize it with sentences, make an index with float, search it with int8, and see what that costs.
//   dotnet run -c Release --project samples/Embeddings               the whole story
//   dotnet run -c Release --project samples/Embeddings -- serve      a web API: POST a JSON list of sentences to /embed

using System.Diagnostics;
using System.Globalization;
using Caliper;
using Caliper.Evaluation;
using Caliper.Text;
using Embeddings;
using Microsoft.Extensions.AI;

var here = AppContext.BaseDirectory;
var (calibration, others) = (Path.Combine(here, "sentences", "calibration.txt"), Path.Combine(here, "sentences", "others.txt"));
var files = MiniLm.Unpack(Path.Combine(here, "minilm"));
if (!File.Exists(files.Int8))
{
    Console.WriteLine("Quantizing all-MiniLM-L6-v2 with 128 sentences; a few minutes, once …");
    Quantizing.Run(files, calibration);
}
if (args is ["serve"])
{
    Service.Run(files);
    return;
}

using (var model = FloatModel.Load(files.Network))
using (var quantized = QuantizedModel.Load(files.Int8))
{
    var data = TextLoader.Open(others, TextTokenizer.Load(files.Vocabulary), model.Inputs, batchSize: 8);
    var result = VectorComparison.Compare(model, quantized, Pooling.Mean, data);
    Say($"{result.Samples} other sentences, vectors of {result.Dimensions} numbers");
    Say($"cosine between float and int8   mean {result.MeanCosine:F4}, least {result.LeastCosine:F4}");
    Say($"float index asked with int8     recall@1 {result.Recall1:F1} %, recall@10 {result.Recall10:F1} %");
    var (before, after) = (new FileInfo(files.Network).Length / 1e6, new FileInfo(files.Int8).Length / 1e6);
    Say($"size                            {before:F1} MB in float, {after:F1} MB in int8");
}

using var float32 = TextEmbedder.Load(files.Network, files.Vocabulary);
using var int8 = TextEmbedder.Load(files.Int8, files.Vocabulary);
var sentences = File.ReadAllLines(others);
Say($"milliseconds a sentence         {await TimeAsync(float32):F2} in float (ONNX Runtime), {await TimeAsync(int8):F2} in int8");

var index = await SentenceIndex.MakeAsync(float32, sentences);
foreach (var question in new[] { "My sink is blocked", "a trip by rail", "heart and circulation" })
{
    Say($"{question}");
    foreach (var (cosine, sentence) in index.Search(int8.Embed(question), most: 3)) Say($"  {cosine:F3}  {sentence}");
}

async Task<double> TimeAsync(IEmbeddingGenerator<string, Embedding<float>> generator)
{
    await generator.GenerateAsync(sentences);
    var start = Stopwatch.GetTimestamp();
    await generator.GenerateAsync(sentences);
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds / sentences.Length;
}

static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
