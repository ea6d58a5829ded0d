namespace Caliper;

/// <summary>
/// Bad input, said in one sentence that names the file, tensor or node and what to do. Everything a file or an option can
/// get wrong ends here; any other exception type escaping the library is a defect.
/// </summary>
public sealed class CaliperException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">One clear sentence for the person who supplied the input.</param>
    public CaliperException(string message) : base(VisibleText.Of(message)) { }

    /// <summary>Creates the error with its cause.</summary>
    /// <param name="message">One clear sentence for the person who supplied the input.</param>
    /// <param name="innerException">What was caught.</param>
    public CaliperException(string message, Exception innerException) : base(VisibleText.Of(message), innerException) { }
}
