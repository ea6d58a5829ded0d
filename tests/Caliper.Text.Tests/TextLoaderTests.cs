using Caliper.Data;
using Caliper.Graphs;
using static Caliper.Text.Tests.SmallVocabulary;

namespace Caliper.Text.Tests;

/// <summary>Files of texts become batches of ids, masks and types.</summary>
public class TextLoaderTests : IDisposable
{
    private static readonly Dimension Free = Dimension.Named("n"), Length = Dimension.Named("l");

    private static readonly Value[] Bert =
    [
        new("input_ids", ElementType.Int64, new Shape([Free, Length])), new("attention_mask", ElementType.Int64, new Shape([Free, Length])),
        new("token_type_ids", ElementType.Int64, new Shape([Free, Length])),
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_batch_is_as_long_as_its_longest_text_and_its_mask_tells()
    {
        var loader = Open("s.txt", "hello\n\nhello, world\r\n   \nworld", batchSize: 2);
        var batches = loader.ToArray();
        Assert.Equal([2, 1], batches.Select(b => b.Count));
        Assert.Equal(["s.txt:1", "s.txt:3", "s.txt:5"], loader.SampleNames);
        Assert.Equal([Start, Hello, End, Padding, Padding, Start, Hello, Comma, World, End], Longs(batches[0], "input_ids"));
        Assert.Equal([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], Longs(batches[0], "attention_mask"));
        Assert.Equal(new long[10], Longs(batches[0], "token_type_ids"));
        Assert.Equal(Shape.Of(1, 3), batches[1].Inputs["input_ids"].Shape);
    }

    [Theory]
    [InlineData("d.jsonl", "\"hello\"\n{\"text\": \"world\"}\n")]
    [InlineData("d.jsonl", "{\"sentence\": \"hello\", \"other\": [1]}\n\n{\"text\": \"world\"}")]
    [InlineData("d.csv", "id,text\n1,hello\n2,world\n")]
    [InlineData("d.csv", "text\r\n\"hello\"\r\nworld")]
    [InlineData("d.txt", "\uFEFFhello\nworld\n")]
    public void Every_kind_of_file_holds_the_same_texts(string name, string content) =>
        Assert.Equal([Start, Hello, End, Start, World, End], Longs(Assert.Single(Open(name, content)), "input_ids"));

    [Fact]
    public void A_quoted_entry_holds_commas_quotes_and_line_breaks()
    {
        var batch = Assert.Single(Open("d.csv", "label,text\n3,\"hello, \"\"world\"\"\nplaying\"\n0,\"\"\n"));
        Assert.Equal([3, 0], batch.Labels!.Value);
        Assert.Equal([Start, Hello, Comma, Unknown, World, Unknown, Play, Ing, End], Longs(batch, "input_ids")[..9]);
        Assert.Equal([Start, End, Padding], Longs(batch, "input_ids")[9..12]);
        Assert.Equal(["d.csv:2", "d.csv:4"], batch.SampleNames);
    }

    [Fact]
    public void Pairs_are_two_samples_each_and_keep_their_score()
    {
        var loader = Open("p.csv", "sentence1,sentence2,score\nhello,world,2.5\nplaying,playing,5\n");
        Assert.Equal(["p.csv:2", "p.csv:2b", "p.csv:3", "p.csv:3b"], loader.SampleNames);
        Assert.Equal([new("p.csv:2", "p.csv:2b", 2.5), new("p.csv:3", "p.csv:3b", 5)], loader.Pairs);
        Assert.False(loader.HasLabels);
    }

    [Theory]
    [InlineData("d.jsonl", "{\"text\": \"a\"}\n{", "line 2")]
    [InlineData("d.jsonl", "[1]", "line 1")]
    [InlineData("d.jsonl", "{\"text\": {}}", "'text'")]
    [InlineData("d.jsonl", "{\"text\": \"a\", \"label\": -1}", "label")]
    [InlineData("d.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\"}", "line 2")]
    [InlineData("d.jsonl", "\"\\ud800\"", "line 1")]
    [InlineData("d.csv", "a,b\n1,2\n", "column of texts")]
    [InlineData("d.csv", "text,text\n1,2\n", "twice")]
    [InlineData("d.csv", "text,b\n1\n", "line 2")]
    [InlineData("d.csv", "text\n\"open\n", "line 2")]
    [InlineData("d.csv", "text\n\"a\"b\n", "line 2")]
    [InlineData("d.csv", "sentence1,sentence2,score\na,b,much\n", "score")]
    [InlineData("d.csv", "", "empty")]
    [InlineData("d.txt", "\n \n", "no text")]
    public void A_file_that_is_damaged_is_refused_by_line(string name, string content, string said)
    {
        var error = Assert.Throws<CaliperException>(() => Open(name, content));
        Assert.Contains(said, error.Message);
        Assert.Contains(name, error.Message);
    }

    [Fact]
    public void A_network_of_a_fixed_length_gets_that_length()
    {
        var inputs = Bert.Select(i => i with { Type = ElementType.Int32, Shape = new Shape([Free, Dimension.Of(6)]) }).ToArray();
        var batch = Assert.Single(TextLoader.Open(_folder.Put("s.txt", "hello"), Tokenizer(), inputs, 8));
        Assert.Equal([Start, Hello, End, 0, 0, 0], batch.Inputs["input_ids"].Span<int>().ToArray());
        Assert.Contains("6 tokens", Assert.Throws<CaliperException>(
            () => TextLoader.Open(_folder.Put("s.txt", "hello"), Tokenizer(), inputs, 8, maxLength: 7)).Message);
    }

    [Fact]
    public void Texts_of_different_lengths_share_no_batch_without_a_mask()
    {
        var ids = new[] { Bert[0] };
        var path = _folder.Put("s.txt", "hello\nhello world\n");
        Assert.Contains("mask", Assert.Throws<CaliperException>(() => TextLoader.Open(path, Tokenizer(), ids, 2).ToArray()).Message);
        Assert.Equal(2, TextLoader.Open(path, Tokenizer(), ids, 1).Count());
    }

    [Fact]
    public void A_network_of_pictures_is_refused_by_its_input() => Assert.Contains("'pixels'", Assert.Throws<CaliperException>(() => TextLoader.Open(
        _folder.Put("s.txt", "hello"), Tokenizer(), [new("pixels", ElementType.Float32, Shape.Of(1, 3, 8, 8))], 1)).Message);

    [Fact]
    public void Enumerating_again_starts_over_and_a_selection_chooses()
    {
        var loader = TextLoader.Open(_folder.Put("s.txt", "hello\nworld\nplaying\n,\n"), Tokenizer(), Bert, 1, selection: new() { Limit = 2 });
        Assert.Equal(["s.txt:1", "s.txt:3"], loader.SelectMany(b => b.SampleNames));
        Assert.Equal(["s.txt:1", "s.txt:3"], loader.SelectMany(b => b.SampleNames));
    }

    private static long[] Longs(Batch batch, string input) => batch.Inputs[input].Span<long>().ToArray();

    private TextTokenizer Tokenizer() => TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText));

    private TextLoader Open(string name, string content, int batchSize = 8) =>
        TextLoader.Open(_folder.Put(name, content), Tokenizer(), Bert, batchSize);

    public void Dispose() => _folder.Dispose();
}
