using System.CommandLine;
using Caliper.Torch;

namespace Caliper.Tool.Options;

/// <summary>Which model, and how it is run.</summary>
internal sealed record ModelOptions
{
    /// <summary>An <c>.onnx</c> file, or a checkpoint.</summary>
    public required string Path { get; init; }

    /// <summary>The network that a checkpoint's weights belong to.</summary>
    public string? Architecture { get; init; }

    /// <summary>Threads within one forward pass; 0 for one per physical core.</summary>
    public int Threads { get; init; }
}

/// <summary>The command line of <see cref="ModelOptions"/>.</summary>
internal sealed class ModelSymbols(int threads = 0)
{
    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "An .onnx file, or a PyTorch checkpoint with --arch",
    };

    private readonly Option<string?> _architecture = new("--arch")
    {
        HelpName = "NAME",
        Description = $"The network that a checkpoint's weights belong to: {string.Join(", ", Architectures.Names)}",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        HelpName = "N",
        Description = "Threads within one forward pass; 0 takes one per physical core",
        DefaultValueFactory = _ => threads,
        CustomParser = Values.WholeNumber(0),
    };

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_architecture);
        command.Add(_threads);
    }

    public ModelOptions Read(ParseResult line) => new()
    {
        Path = line.GetRequiredValue(_model),
        Architecture = line.GetValue(_architecture),
        Threads = line.GetValue(_threads),
    };
}
