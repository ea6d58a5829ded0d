using System.Collections;
using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Text.Samples;

namespace Caliper.Text;

/// <summary>
/// Texts of a file as inputs: <c>.txt</c>, a sentence a line; <c>.jsonl</c>, a JSON string or object a line; <c>.csv</c>, whose first line
/// names its columns. A row has a <c>text</c> or <c>sentence</c>, and perhaps a <c>label</c>, a class index; or <c>sentence1</c> and
/// <c>sentence2</c>, which are two samples, and perhaps a <c>score</c> of how alike they are.
/// </summary>
/// <remarks>Empty lines of a .txt are passed over; an empty text of the others is a sample of special tokens alone. A text that is too long loses
/// its end. The file is read whole, at most 256 MiB of it; tokens are made batch by batch.</remarks>
public sealed class TextLoader : ILoader
{
    private readonly TextSet _set;
    private readonly BatchPlan _plan;
    private readonly TokenInputs _inputs;

    private TextLoader(TextSet set, BatchPlan plan, TokenInputs inputs) => (_set, _plan, _inputs) = (set, plan, inputs);

    /// <inheritdoc/>
    public int SampleCount => _plan.SampleCount;

    /// <inheritdoc/>
    public int BatchCount => _plan.BatchCount;

    /// <inheritdoc/>
    public bool HasLabels => _set.Samples[0].Label is not null;

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _plan.Indices.Select(i => _set.Samples[i].Name);

    /// <summary>Pairs of the file that have a score, whether or not their samples are chosen.</summary>
    public ImmutableArray<ScoredPair> Pairs => _set.Pairs;

    /// <summary>Whether a path is called a file of texts: <c>.txt</c>, <c>.jsonl</c> or <c>.csv</c>.</summary>
    public static bool Recognizes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TextFile.IsCalledText(path);
    }

    /// <summary>Reads the texts; their tokens are made when the loader is enumerated.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The network's tokenizer.</param>
    /// <param name="inputs">What the network takes.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more; each is as long as its longest text.</param>
    /// <param name="maxLength">The most tokens of a text, special tokens included; null for <see cref="TokenInputs.For"/>'s default.</param>
    /// <param name="selection">Which samples; null for all.</param>
    /// <exception cref="CaliperException">The file is missing, no UTF-8 or damaged, the message names the line; or the network takes other inputs, or
    /// an option is out of range.</exception>
    public static TextLoader Open(string path, TextTokenizer tokenizer, IReadOnlyList<Value> inputs, int batchSize, int? maxLength = null,
        SampleSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var tokens = TokenInputs.For(inputs, tokenizer, maxLength);
        var set = TextFile.Read(path);
        return new TextLoader(set, new BatchPlan(set.Samples.Length, batchSize, selection, $"'{path}'"), tokens);
    }

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        for (var i = 0; i < _plan.BatchCount; i++)
        {
            TextSample[] samples = [.. _plan[i].Select(s => _set.Samples[s])];
            yield return new Batch(_inputs.Of([.. samples.Select(s => _inputs.Encode(s.Text))]),
                HasLabels ? [.. samples.Select(s => s.Label!.Value)] : null, [.. samples.Select(s => s.Name)]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
