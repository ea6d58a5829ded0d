namespace Caliper.Text.Tests;

/// <summary>Files that are no tokenizer: one sentence that names the file.</summary>
public class TokenizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("vocab.txt", "hello\nworld\n", "[UNK]")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[SEP]\nhello\n", "[CLS]")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nhello\n", "twice")]
    [InlineData("vocab.txt", "", "[UNK]")]
    [InlineData("tokenizer.json", "", "JSON")]
    [InlineData("tokenizer.json", "[]", "object")]
    [InlineData("tokenizer.json", "{}", "model")]
    [InlineData("tokenizer.json", """{"model": {"type": "WordPiece"}, "pre_tokenizer": {"type": "BertPreTokenizer"}}""", "vocab")]
    [InlineData("vocab.json", """{"a": 0, "b": 2}""", "gaps")]
    [InlineData("vocab.json", """{"a": 0}""", "merges.txt")]
    [InlineData("spiece.model", "nothing of the kind", "spiece.model")]
    [InlineData("weights.bin", "x", "tokenizer.json")]
    public void A_file_that_cannot_be_used_is_named(string name, string content, string said)
    {
        var error = Assert.Throws<CaliperException>(() => TextTokenizer.Load(_folder.Put(name, content)));
        Assert.Contains(said, error.Message);
        Assert.Contains(_folder.Path, error.Message);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.Contains("no file", Assert.Throws<CaliperException>(() => TextTokenizer.Load(Path.Combine(_folder.Path, "vocab.txt"))).Message);
        Assert.Contains("folder", Assert.Throws<CaliperException>(() => TextTokenizer.Load(_folder.Path)).Message);
    }

    [Fact]
    public void A_vocabulary_of_other_bytes_is_no_UTF_8() => Assert.Contains("UTF-8",
        Assert.Throws<CaliperException>(() => TextTokenizer.Load(_folder.Put("vocab.txt", [0x61, 0xFF, 0x0A]))).Message);

    [Fact]
    public void A_vocabulary_of_another_kind_of_network_is_refused()
    {
        _folder.Put("tokenizer_config.json", """{"tokenizer_class": "MPNetTokenizer"}""");
        Assert.Contains("MPNetTokenizer",
            Assert.Throws<CaliperException>(() => TextTokenizer.Load(_folder.Put("vocab.txt", SmallVocabulary.VocabularyText))).Message);
    }

    public void Dispose() => _folder.Dispose();
}
