using System.Text;

namespace Caliper.Tool.Consoles;

/// <summary>Writes lines in which names from files can do nothing to a terminal.</summary>
internal sealed class VisibleWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => inner.Write(VisibleText.OfLines(value.ToString()));

    public override void Write(string? value) => inner.Write(VisibleText.OfLines(value ?? ""));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value) => inner.WriteLine(VisibleText.OfLines(value ?? ""));

    public override void Flush() => inner.Flush();
}
