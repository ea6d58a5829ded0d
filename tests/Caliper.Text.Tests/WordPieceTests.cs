using static Caliper.Text.Tests.SmallVocabulary;

namespace Caliper.Text.Tests;

/// <summary>BERT's tokens, from vocab.txt and from tokenizer.json: the same.</summary>
public class WordPieceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("hello world", new[] { Start, Hello, World, End })]
    [InlineData("  Hello,\tWORLD ", new[] { Start, Hello, Comma, World, End })]
    [InlineData("playing", new[] { Start, Play, Ing, End })]
    [InlineData("playings", new[] { Start, Unknown, End })]
    [InlineData("Café", new[] { Start, Cafe, End })]
    [InlineData("Cafe\u0301", new[] { Start, Cafe, End })]
    [InlineData("hello東world", new[] { Start, Hello, Ideograph, World, End })]
    [InlineData("hello\u0000 \u200Bworld\uFFFD", new[] { Start, Hello, World, End })]
    [InlineData("hello [MASK]world[SEP]", new[] { Start, Hello, Mask, World, End, End })]
    [InlineData("", new[] { Start, End })]
    [InlineData(" \u3000 ", new[] { Start, End })]
    [InlineData("🥰", new[] { Start, Unknown, End })]
    public void A_text_becomes_the_tokens_of_BERT(string text, int[] expected)
    {
        Assert.Equal(expected, TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText)).Encode(text, 16));
        Assert.Equal(expected, TextTokenizer.Load(_folder.Put("tokenizer.json", TokenizerJson())).Encode(text, 16));
    }

    [Theory]
    [InlineData(3, new[] { Start, Hello, End })]
    [InlineData(4, new[] { Start, Hello, Comma, End })]
    [InlineData(5, new[] { Start, Hello, Comma, World, End })]
    [InlineData(6, new[] { Start, Hello, Comma, World, End })]
    public void A_text_that_is_too_long_loses_its_end_and_keeps_its_special_tokens(int length, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText)).Encode("hello, world", length));

    [Fact]
    public void A_length_that_leaves_no_token_for_the_text_is_refused() => Assert.Contains("2 special tokens",
        Assert.Throws<CaliperException>(() => TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText)).Encode("hello", 2)).Message);

    [Fact]
    public void A_vocabulary_with_large_letters_keeps_them()
    {
        var vocabulary = VocabularyText.Replace("world", "World");
        var tokenizer = TextTokenizer.Load(_folder.Put("vocab.txt", vocabulary));
        Assert.Equal([Start, Hello, World, Unknown, End], tokenizer.Encode("hello World café", 16));
    }

    [Fact]
    public void What_the_configuration_says_counts_more()
    {
        _folder.Put("tokenizer_config.json", """{"tokenizer_class": "BertTokenizer", "do_lower_case": false}""");
        var tokenizer = TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText));
        Assert.Equal([Start, Unknown, World, End], tokenizer.Encode("Hello world", 16));
    }

    [Fact]
    public void A_word_of_more_than_100_characters_is_unknown() => Assert.Equal([Start, Unknown, Hello, End],
        TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText)).Encode("play" + string.Concat(Enumerable.Repeat("ing", 33)) + " hello", 16));

    [Fact]
    public void Many_threads_make_the_same_tokens()
    {
        var tokenizer = TextTokenizer.Load(_folder.Put("vocab.txt", VocabularyText));
        Parallel.For(0, 2000, _ => Assert.Equal([Start, Hello, Comma, Play, Ing, End], tokenizer.Encode("hello, playing", 16)));
    }

    public void Dispose() => _folder.Dispose();
}
